# Steps that do as they are told: the real runner around a scripted work. Small, for pod mechanics.
FROM python:3.11-slim
RUN pip install --no-cache-dir --no-compile pydantic==2.14.3 structlog==26.1.0
COPY include /opt/airworthy/include
COPY tests/cluster/images/scripted.py /opt/scripted/scripted.py
RUN mkdir -p /opt/scripted/bin \
 && printf '#!/bin/sh\nexec /usr/local/bin/python3 /opt/scripted/scripted.py "$@"\n' > /opt/scripted/bin/python \
 && chmod 755 /opt/scripted/bin/python \
 && PYTHONPATH=/opt/airworthy /usr/local/bin/python3 -m compileall -q /opt/airworthy/include /opt/scripted
ENV PATH=/opt/scripted/bin:/usr/local/bin:/usr/bin:/bin PYTHONPATH=/opt/airworthy PYTHONUNBUFFERED=1
USER 65532:65532
