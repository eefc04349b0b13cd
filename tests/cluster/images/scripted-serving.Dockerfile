# A model server that is up at once and misbehaves on request: for canaries on a real cluster.
FROM python:3.11-slim
COPY tests/cluster/images/scripted_serving.py /opt/serving.py
RUN /usr/local/bin/python3 -m py_compile /opt/serving.py
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/python3", "/opt/serving.py"]
