# One build creates two images: `penstock` (the default: worker, switch and commands) and `emulator`. The emulator image
# also contains the examples and the development packages with their training data.

# Debian, not Alpine, because Temporal's native core needs glibc. The tag follows the security releases of Node 22.
FROM node:22-bookworm-slim AS base
# The native core reads the system's certificates. Without them, TLS to a Temporal cluster or to Temporal Cloud fails.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app

FROM base AS build
COPY package.json package-lock.json ./
# Skips scripts, because `prepare` would build. The sources are copied after the packages, to use the build cache.
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
# A volume mounted here for the switch's state gets this owner.
RUN ln -s /app/dist/cli/main.js /usr/local/bin/penstock && install --directory --owner=node /var/lib/penstock
USER node
ENTRYPOINT ["penstock"]
CMD ["worker"]
