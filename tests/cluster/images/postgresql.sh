set -e
bin=/usr/lib/postgresql/15/bin
printf '%s' "$POSTGRES_PASSWORD" > /tmp/password
"$bin/initdb" -D /tmp/data -U airworthy --pwfile=/tmp/password --auth=scram-sha-256 --locale=C.UTF-8 --no-sync >/dev/null
echo "host all all all scram-sha-256" >> /tmp/data/pg_hba.conf
rm /tmp/password
exec "$bin/postgres" -D /tmp/data -c listen_addresses='*' -c unix_socket_directories=/tmp -c fsync=off
