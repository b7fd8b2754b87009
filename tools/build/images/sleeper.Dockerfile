# A tiny image that keeps running until it is told to end, for tests to pull. The context holds a static busybox.
FROM scratch
LABEL org.opencontainers.image.title="ECR Anywhere sleeper" \
      org.opencontainers.image.description="Keeps running until SIGTERM"
COPY --chmod=555 busybox /bin/
USER 65532:65532
# A process with number 1 gets no signal that it does not handle, and the shell handles them between commands only.
ENTRYPOINT ["/bin/busybox", "sh", "-c", "trap 'exit 0' TERM INT; /bin/busybox sleep infinity & wait"]
