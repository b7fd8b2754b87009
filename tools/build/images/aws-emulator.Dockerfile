# The AWS emulator, for tests on clusters. The context holds its bundle and, in image/, the OCI layout of the image that
# its registry serves.
ARG BASE
FROM ${BASE}
LABEL org.opencontainers.image.title="ECR Anywhere AWS emulator" \
      org.opencontainers.image.description="ECR, STS and a registry that checks the tokens, for tests"
ENV HOST=0.0.0.0 IMAGE_LAYOUT=/app/image
EXPOSE 4566
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "/app/main.js"]
COPY . /app/
