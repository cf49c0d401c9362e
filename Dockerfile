FROM node:24-bookworm-slim AS build
WORKDIR /app

# better-sqlite3 is compiled wherever it has no prebuilt binary to fetch.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ make python3 \
    && rm -rf /var/lib/apt/lists/*

# Before the sources, so that a change to those does not install everything again. Strict, because an
# image of node:24 from before 24.22 could be cached, with which better-sqlite3 may abort.
COPY package.json package-lock.json ./
RUN npm ci --engine-strict --no-audit --no-fund

COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY migrations migrations
COPY src src
RUN npm run build

# Pruned rather than installed afresh, which would compile better-sqlite3 a second time.
RUN npm prune --omit=dev --no-audit --no-fund

FROM node:24-bookworm-slim
WORKDIR /app

# An empty LOG_FILE means stdout only. The operator sets JWT_SECRET.
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATABASE_PATH=/data/orders.db \
    LOG_FILE=

# The SQLite file and its companions, and its backups where BACKUP_DIR is set. A new volume takes over
# the owner of these folders.
RUN install --directory --owner=node --group=node --mode=0700 /data /backups
VOLUME ["/data"]

# All of it belongs to root: the server can read its own code but not change it.
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist

USER node
EXPOSE 8000

# Node asks by itself, as the slim image has no curl. A refused connection exits with 1 too.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health/live').then(({ ok }) => process.exit(ok ? 0 : 1))"]

# Exec form: node itself gets SIGTERM, on which the server stops in order. As PID 1 it cannot be
# stopped that way until the server has started; docker run --init closes that gap.
CMD ["node", "--enable-source-maps", "dist/src/main.js"]
