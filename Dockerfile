# syntax=docker/dockerfile:1
# The compiled bot is the same for every platform, so the build runs on the platform of the machine.
FROM --platform=$BUILDPLATFORM node:24-trixie-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.json tsconfig.build.json tsconfig.clients.json ./
COPY src ./src
RUN npm ci --ignore-scripts && npm run build
RUN mkdir --mode=700 data

# The packages that the bot needs to run, with the binaries of each platform, without the SQLite sources and other systems.
FROM --platform=$BUILDPLATFORM node:24-trixie-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts
RUN cd node_modules/@photostructure/sqlite && rm -rf src prebuilds/darwin-* prebuilds/win32-*

# Debian 13 with Node and the libraries that its binary needs, without npm and without a shell.
FROM gcr.io/distroless/nodejs24-debian13
LABEL org.opencontainers.image.title="crew-approvals" \
      org.opencontainers.image.description="Human approval in Slack for AI agents" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production PATH=/nodejs/bin
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json LICENSE manifest.yml ./
COPY src/start.mjs ./src/
COPY --from=build /app/dist ./dist
COPY --from=build --chown=1000:1000 /app/data ./data
# A number, since Kubernetes cannot check that a name is not root.
USER 1000:1000
VOLUME /app/data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 3000) + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "src/start.mjs"]
