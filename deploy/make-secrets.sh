#!/usr/bin/env bash
# Makes the secrets of an installation in deploy/secrets/. What is already there stays as it is.
set -euo pipefail
umask 077
cd "$(dirname "$0")"
mkdir -p secrets

keep() {  # keep NAME VALUE
  [ -s "secrets/$1" ] || { printf '%s\n' "$2" >"secrets/$1"; echo "deploy/secrets/$1"; }
}
random() { head -c 48 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'; }
fernet() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '\n'; }

keep database_password "$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n')"
keep database_url "postgres://haiphong:$(cat secrets/database_password)@db:5432/haiphong"
keep secret_key "$(random)"
keep blind_index_key "$(random)"
keep field_keys "$(fernet)"
keep signing_master_key "$(fernet)"
keep audit_key "$(fernet)"
keep email_host_password "change-me"
# Containers read the files as the account of the image (uid 10001), not as root.
if [ "$(id -u)" -eq 0 ]; then chown -R 10001 secrets; fi
echo "Then: deploy/secrets/tls.crt, deploy/secrets/tls.key, deploy/secrets/email_host_password, .env"
