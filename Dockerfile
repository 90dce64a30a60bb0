# syntax=docker/dockerfile:1
# Two stages: everything that builds, then only what runs. The image carries no models: `wenyuan models pull starter`
# fills the volume /models once, or mount a folder that holds them.

FROM node:20-bookworm-slim AS web
WORKDIR /build/web
COPY web/package.json web/package-lock.json web/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY web ./
RUN npm run build

FROM rust:1.95-bookworm AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends cmake libclang-dev pkg-config libssl-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
COPY --from=web /build/web/dist web/dist
# Not for the build machine alone: any x86-64 since 2015 (or any 64-bit Arm).
ARG RUSTFLAGS_AMD64="-C target-cpu=x86-64-v3"
RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=/build/target \
    if [ "$(uname -m)" = x86_64 ]; then export RUSTFLAGS="$RUSTFLAGS_AMD64"; else export RUSTFLAGS=""; fi \
    && cargo build --release --locked \
    && install -D target/release/wenyuan /out/wenyuan

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl libgomp1 libssl3 libstdc++6 python3-pip \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home wenyuan \
    && install -d -o wenyuan -g wenyuan /data /models
COPY --from=build /out/wenyuan /usr/local/bin/wenyuan
USER wenyuan
ENV WENYUAN_DATA__DIR=/data \
    WENYUAN_MODELS__DIR=/models \
    WENYUAN_SERVER__LISTEN=0.0.0.0:8080
VOLUME ["/data", "/models"]
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["curl", "--fail", "--silent", "--show-error", "http://127.0.0.1:8080/readyz"]
ENTRYPOINT ["wenyuan"]
CMD ["serve"]
