# The application as it runs in production; settings come from the environment. Before a new version starts, run
#   docker run --rm --env-file .env IMAGE flask --app wsgi db upgrade
# and stop it with more patience than its own 60 seconds: docker stop --time 75. `flask backup` of PostgreSQL needs
# pg_dump, which is not in it: it says what to run instead.
FROM node:22-slim AS front-end
WORKDIR /build
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 APP_ENV=production
WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --requirement requirements.txt
COPY webapp ./webapp
COPY templates ./templates
COPY static ./static
COPY wsgi.py gunicorn.conf.py ./
# Once here, instead of at every start of every worker.
RUN python -m compileall -q webapp wsgi.py
COPY --from=front-end /build/node_modules/htmx.org/dist/htmx.min.js /build/node_modules/idiomorph/dist/idiomorph-ext.min.js ./static/vendor/
RUN useradd --system motorpool && mkdir instance && chown motorpool instance
USER motorpool
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=5)"]
CMD ["gunicorn", "wsgi:app", "--bind", "0.0.0.0:8000"]
