# A PostgreSQL that forgets everything with its pod, for tests only.
FROM debian:bookworm-slim
RUN apt-get update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends postgresql-15 \
 && rm -rf /var/lib/apt/lists/*
COPY tests/cluster/images/postgresql.sh /usr/local/bin/serve-postgresql
USER postgres
CMD ["sh", "/usr/local/bin/serve-postgresql"]
