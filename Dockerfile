# A PyMockAPI server: docker build -t pymockapi . && docker run --rm -p 8080:8080 pymockapi
#
# The base image is pinned by tag, so that rebuilding takes in its security fixes; for builds that
# are the same for ever give a digest: --build-arg BASE=python@sha256:...
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
# Every dependency has wheels: nothing is compiled, no compiler is needed. The environment gets no
# pip of its own; the base image's installs into it.
RUN python -m venv --without-pip /opt/pymockapi \
 && python -m pip --python /opt/pymockapi/bin/python install --no-cache-dir --disable-pip-version-check ".[all]"

FROM ${BASE}
LABEL org.opencontainers.image.title="PyMockAPI" \
      org.opencontainers.image.description="An HTTP mock server that a test controls while it runs" \
      org.opencontainers.image.licenses="MIT"
RUN python -m pip uninstall --yes --root-user-action=ignore pip
COPY --from=build /opt/pymockapi /opt/pymockapi
ENV PATH=/opt/pymockapi/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /mocks
# A number, so that Kubernetes can tell that it is not root; it owns nothing in the image.
USER 10001:10001
EXPOSE 8080 8443
STOPSIGNAL SIGTERM
# Asks PYMOCKAPI_CONTROL_URL, where that is set, else http://127.0.0.1:8080.
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 CMD ["pymockapi", "health"]
ENTRYPOINT ["pymockapi"]
# Others reach it, so control calls need a token: give PYMOCKAPI_TOKEN or --token-file, or find the
# generated one in the log.
CMD ["serve", "--host", "0.0.0.0", "--log-format", "json"]
