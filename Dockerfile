# Two images from one build: `penstock` (the default: worker, switch and commands) and `emulator`, which also holds the examples
# and the development packages whose data they train on.

# Debian, not Alpine: Temporal's native core needs glibc. The tag follows Node 22's security releases.
FROM node:22-bookworm-slim AS base
# The native core reads the system's certificates; without them there is no TLS to a Temporal cluster or to Temporal Cloud.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app

FROM base AS build
COPY package.json package-lock.json ./
# Without scripts: `prepare` would build, and the sources come after the packages, for the cache's sake.
RUN npm ci --ignore-scripts
COPY . .
RUN npm run build && chmod +x dist/cli/main.js

FROM build AS pruned
RUN npm prune --omit=dev --ignore-scripts

FROM base AS emulator
ENV NODE_ENV=production
COPY --from=build /app /app
RUN ln -s /app/dist/cli/main.js /usr/local/bin/penstock
USER node
ENTRYPOINT ["penstock"]
CMD ["emulator", "--port", "4600"]

FROM base AS penstock
ENV NODE_ENV=production
COPY --from=pruned /app/package.json ./
COPY --from=pruned /app/node_modules ./node_modules
COPY --from=pruned /app/schema ./schema
COPY --from=pruned /app/dist ./dist
# The switch's state: a volume mounted here begins with this owner.
RUN ln -s /app/dist/cli/main.js /usr/local/bin/penstock && install --directory --owner=node /var/lib/penstock
USER node
ENTRYPOINT ["penstock"]
CMD ["worker"]
