# One image for every step, without a GPU or with one; its tag is the package's version, which components/image.py names:
#   docker build --tag headstart/headstart:VERSION .
#   docker build --target cuda --tag headstart/headstart:VERSION-cuda .
# A base image by digest, where builds are to be the same for ever: --build-arg PYTHON=python:3.11-slim-bookworm@sha256:…
ARG PYTHON=python:3.11-slim-bookworm

FROM scratch AS source
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY headstart headstart
COPY components components
COPY pipelines pipelines
COPY examples examples

FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PATH=/opt/headstart/bin:$PATH
RUN python -m venv /opt/headstart
WORKDIR /src
COPY constraints.txt ./

# PyTorch, the largest part by far, comes first: a layer that a change of the sources leaves alone.
FROM build AS build-cuda
RUN pip install --constraint constraints.txt torch
COPY --from=source /src ./
RUN pip install --constraint constraints.txt '.[engine,kubeflow,lineage,signing]'

FROM build AS build-cpu
# PyTorch's own index has the same version without CUDA.
RUN pip install --constraint constraints.txt --no-deps --index-url https://download.pytorch.org/whl/cpu torch
COPY --from=source /src ./
RUN pip install --constraint constraints.txt '.[engine,kubeflow,lineage,signing]'

FROM ${PYTHON} AS runtime
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="Headstart" \
      org.opencontainers.image.description="From a label export and a pretrained model to the best model for your task" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# A login shell, as KubeRay's may start Ray with, makes a path of its own.
RUN groupadd --gid 1000 headstart && useradd --uid 1000 --gid 1000 --create-home headstart && \
    echo "export PATH=/opt/headstart/bin:\$PATH" > /etc/profile.d/headstart.sh
ENV PATH=/opt/headstart/bin:$PATH \
    PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 RAY_USAGE_STATS_ENABLED=0 \
    HEADSTART_COMMIT=${REVISION}
USER 1000:1000
WORKDIR /home/headstart
# In exec form, so that the signal that stops a container reaches Python, which ends what it has started.
ENTRYPOINT ["headstart"]
CMD ["--help"]

FROM runtime AS cuda
ENV NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=build-cuda /opt/headstart /opt/headstart

FROM runtime AS cpu
COPY --from=build-cpu /opt/headstart /opt/headstart
