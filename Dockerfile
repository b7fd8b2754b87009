# The images of the two programs, one target each: `--target webhook` and `--target refresher`. They hold the bundles
# that `npx nx run-many -t build` makes, and nothing is run while they are built, so any platform's image builds anywhere.
# BASE is any image with Node 24 at /nodejs/bin/node, such as the one of tools/testbed/base-image.sh. The default is the stage
# `base`: Dependabot updates an image in FROM, and not one in ARG.
ARG BASE=base
FROM gcr.io/distroless/nodejs24-debian12:nonroot@sha256:14d42e2511532589a7c7e01a753667a74fcc96266e137e8125006b87b0c32d0a AS base

FROM ${BASE} AS program
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.source="https://github.com/CentML/ecr-anywhere" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# A number, which is what runAsNonRoot can check.
USER 65532:65532
# Heaps stay small. The worst that the webhook accepts needs less than 56 MiB, and a container of 192 MiB holds what is
# outside of the heap as well (tools/scenarios/e2e/src/programs/abuse.spec.ts). Arguments of the container follow those of the program.
ENTRYPOINT ["/nodejs/bin/node", "--max-old-space-size=80", "--max-semi-space-size=4", "/app/main.js"]

# One COPY, so that the two images share every layer but the last. The mode is for checkouts under a strict umask.
FROM program AS refresher
LABEL org.opencontainers.image.title="ECR Anywhere refresher" \
      org.opencontainers.image.description="Marks labelled Secrets whose ECR credentials run out, so that the webhook renews them"
COPY --chmod=555 LICENSE apps/refresher/package.json apps/refresher/dist/ /app/

FROM program AS webhook
LABEL org.opencontainers.image.title="ECR Anywhere webhook" \
      org.opencontainers.image.description="Puts fresh Amazon ECR credentials into labelled Secrets as they are written"
EXPOSE 8443 8081
COPY --chmod=555 LICENSE apps/webhook/package.json apps/webhook/dist/ /app/
