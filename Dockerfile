# syntax=docker/dockerfile:1
# The tracker on a Temurin 25 JRE: docker build -t barnebys-analytics .
# Runs as 10001:10001 with a read-only root file system and no capabilities; /data is the only place it writes to.
# bin/verify-image builds this file and runs what comes out of it. Do not build with rewritten timestamps: the JVM takes
# its cache only while jars are as old as they were when it was made.
ARG BUILD_IMAGE=maven:3.9.16-eclipse-temurin-25-noble
ARG RUNTIME_IMAGE=eclipse-temurin:25.0.3_9-jre-noble

FROM ${BUILD_IMAGE} AS build
WORKDIR /build
# For a network of your own: -o, -s settings.xml, -Dmaven.repo.local=...
ARG MAVEN_OPTIONS=
# The commit, for ba version: there is no git in here to ask.
ARG REVISION=unknown
COPY pom.xml ./
COPY .mvn .mvn
COPY src/main src/main
RUN --mount=type=cache,target=/root/.m2 \
    mvn -B --no-transfer-progress -Psupply -Dmaven.test.skip=true -Djacoco.skip=true \
    -Drevision=${REVISION} ${MAVEN_OPTIONS} package
COPY image/unpack-natives image/
RUN image/unpack-natives target/lib target/native

FROM ${RUNTIME_IMAGE}
WORKDIR /app
# A name for the numbers, and a home: some libraries ask for both.
RUN echo 'analytics:x:10001:' >> /etc/group \
    && echo 'analytics:x:10001:10001::/data:/usr/sbin/nologin' >> /etc/passwd \
    && mkdir /data && chown 10001:10001 /data && chmod 700 /data

# What changes seldom comes first, so that its layers stay.
COPY --from=build /build/target/lib lib/
COPY --from=build /build/target/native native/
COPY image/jvm.options ./
COPY image/analytics.yaml conf/
COPY LICENSE ./
COPY --from=build /build/target/THIRD-PARTY.txt /build/target/bom.json ./
COPY --from=build /build/target/barnebys-analytics.jar ./
RUN --mount=type=bind,source=image,target=/tmp/image --mount=type=tmpfs,target=/tmp/training \
    DATA_DIR=/tmp/training /tmp/image/train

# SQLite sorts what is too large for memory in files; /tmp need not be writable.
ENV SQLITE_TMPDIR=/data
USER 10001:10001
VOLUME /data
EXPOSE 3000 9090
STOPSIGNAL SIGTERM
# Kubernetes has probes of its own and does not look at this.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["java", "-XX:AOTCache=/app/barnebys-analytics.aot", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx32m", "@/app/jvm.options", "-jar", "/app/barnebys-analytics.jar", "health"]
ENTRYPOINT ["java", "-XX:AOTCache=/app/barnebys-analytics.aot", "@/app/jvm.options", "-jar", "/app/barnebys-analytics.jar"]
CMD ["serve"]

ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Barnebys Analytics" \
      org.opencontainers.image.description="Signed links and pixels in, rows out: every accepted event exactly once." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.vendor="Barnebys"
