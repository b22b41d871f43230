# One image for every step; its tag is the package's version, which components/image.py names:
#   docker build --tag headstart/headstart:$(headstart --version | cut -d' ' -f3) .
FROM python:3.11-slim
ENV PIP_NO_CACHE_DIR=1 PYTHONUNBUFFERED=1 RAY_USAGE_STATS_ENABLED=0
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY headstart headstart
COPY components components
COPY pipelines pipelines
COPY examples examples
RUN pip install --constraint constraints.txt '.[engine,kubeflow,lineage,signing]' && useradd --create-home headstart
USER headstart
WORKDIR /home/headstart
# Part of the lineage of each version that the image makes: --build-arg COMMIT=$(git rev-parse HEAD). An image cannot know
# its own digest; whoever deploys it may set HEADSTART_IMAGE to a name that has it.
ARG COMMIT="" IMAGE=""
ENV HEADSTART_COMMIT=$COMMIT HEADSTART_IMAGE=$IMAGE
