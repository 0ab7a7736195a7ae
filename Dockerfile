# syntax=docker/dockerfile:1
# The static binary and nothing else: no shell, no package manager, no root.

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
# The flags of the Makefile's target build.
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=${VERSION}" -o /out/whistle ./cmd/whistle
# Copied below with its owner: there is nothing in the last stage to make it with.
RUN mkdir -p /out/data /out/tmp && chmod 0750 /out/data && chmod 1777 /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/whistle /whistle
COPY --from=build --chown=65532:65532 /out/data /data
# Where large uploads and exports wait.
COPY --from=build /out/tmp /tmp

# A number, so that an orchestrator can see that it is not root.
USER 65532:65532
ENV WHISTLE_ADDR=:8080 \
    WHISTLE_DATA_DIR=/data
VOLUME ["/data"]
EXPOSE 8080

# Asks /readyz at the service's own address.
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["/whistle", "healthcheck"]

ENTRYPOINT ["/whistle"]
CMD ["serve"]
