# One image for every command of Reeve: docker run reeve serve …, migrate, doctor, task list …
# Builds from the repository as it is; nothing but Node and the packages of the lockfile goes in.

ARG NODE=node:22-slim

FROM ${NODE} AS build
WORKDIR /build
# Packages first: they change less often than the sources.
COPY package.json package-lock.json ./
COPY sdk/typescript/package.json sdk/typescript/
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.base.json ./
COPY scripts scripts
COPY sdk sdk
COPY src src
RUN node scripts/build.mjs sdk/typescript src
# What is needed to run, and nothing that was needed to build.
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${NODE}
ENV NODE_ENV=production
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/sdk/typescript/package.json sdk/typescript/
COPY --from=build /build/sdk/typescript/dist sdk/typescript/dist
COPY --from=build /build/dist dist
RUN ln -s /app/dist/main.js /usr/local/bin/reeve
# Not root; has nothing of its own to write: what lasts is in Postgres and Redis.
USER node
# Within a container the outside is let in by what is published.
ENV REEVE_HOST=0.0.0.0
EXPOSE 9001 9002
# It ends in order: streams are told to go elsewhere. Give it more time than REEVE_STOP_GRACE (10 s).
STOPSIGNAL SIGTERM
# Ready to take calls; for a container that runs another command: --no-healthcheck.
HEALTHCHECK --interval=5s --timeout=5s --start-period=90s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.REEVE_HTTP_PORT || 9002) + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["reeve"]
CMD ["serve"]
