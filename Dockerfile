# Builds the server, and runs it as the user `node` on a root file system that may be read-only. The data is in /data:
# mount a volume there. There is no VOLUME, because Railway rejects it. docs/hosting.md explains the use.

# The build. Needs the development dependencies, which stay in this stage.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
RUN npm ci
COPY LICENSE openapi.json tsconfig.json ./
COPY drizzle drizzle
COPY public public
COPY scripts scripts
COPY src src
# Readable by every user, whatever the umask of whoever builds.
RUN node scripts/build.mjs && chmod -R a+rX LICENSE package.json dist drizzle public

# The packages that are not bundled, without the native module for musl and without types.
FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
RUN npm ci --omit=dev && rm -rf node_modules/@libsql/linux-*-musl node_modules/@types node_modules/undici-types

FROM node:24-bookworm-slim AS runtime
# Without SECRET_KEY the server does not start, and says so. `-e APP_ENV=development` makes it generate one.
ENV APP_ENV=production HOST=0.0.0.0 DATABASE_URL=file:/data/latchkey.db
WORKDIR /app
RUN install --directory --owner=node --group=node --mode=0700 /data
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/LICENSE /app/package.json ./
COPY --from=build /app/public public
COPY --from=build /app/drizzle drizzle
COPY --from=build /app/dist/runtime dist/runtime
USER node
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --start-interval=1s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 8000) + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Exec form: signals reach the program itself, which completes its requests and ends within 8 seconds.
ENTRYPOINT ["node", "/app/dist/runtime/latchkey.js"]
CMD ["serve"]
