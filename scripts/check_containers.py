"""Checks what can be checked of Dockerfile and docker-compose.yml without a Docker engine; exits 1 with every problem."""

import pathlib
import re
import sys

import yaml

INSTRUCTIONS = {"FROM", "RUN", "COPY", "ADD", "WORKDIR", "ENV", "ARG", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK",
                "ENTRYPOINT", "CMD", "LABEL", "SHELL", "STOPSIGNAL", "ONBUILD"}


def dockerfile_problems(text):
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    logical = re.sub(r"\\\n", " ", "\n".join(lines)).splitlines()
    problems, stages, users, seen = [], [], [], set()
    for line in logical:
        word, _, rest = line.strip().partition(" ")
        seen.add(word)
        if word not in INSTRUCTIONS:
            problems.append(f"Dockerfile: unknown instruction {word!r}")
        if word == "FROM":
            image, *alias = re.split(r"\s+AS\s+", rest, flags=re.I)
            if ":" not in image and image not in stages:
                problems.append(f"Dockerfile: {image} has no version")
            stages.append(alias[0] if alias else "")
            users = []
        if word == "USER":
            users.append(rest)
        source = re.search(r"--from=(\S+)", line)
        if word == "COPY" and source and source.group(1) not in stages[:-1]:
            problems.append(f"Dockerfile: COPY from unknown stage {source.group(1)}")
        if word == "COPY" and not source:
            for path in rest.split()[:-1]:
                if path != "." and not list(pathlib.Path().glob(path)):
                    problems.append(f"Dockerfile: COPY of {path}, which is not in the tree")
    if len(stages) < 2:
        problems.append("Dockerfile: not multi-stage")
    if not users or users[-1] in ("root", "0"):
        problems.append("Dockerfile: the last stage runs as root")
    problems += [f"Dockerfile: no {word}" for word in ("HEALTHCHECK", "ENTRYPOINT", "VOLUME") if word not in seen]
    return problems


def compose_problems(compose):
    problems = []
    services, volumes = compose["services"], compose.get("volumes", {})
    for name, service in services.items():
        if "image" not in service and "build" not in service:
            problems.append(f"compose: {name} has neither image nor build")
        if "healthcheck" not in service or "test" not in service["healthcheck"]:
            problems.append(f"compose: {name} has no health check")
        for mount in service.get("volumes", []):
            volume = mount.split(":")[0]
            if not volume.startswith((".", "/")) and volume not in volumes:
                problems.append(f"compose: {name} mounts the undeclared volume {volume}")
        for needed, how in service.get("depends_on", {}).items():
            if needed not in services or how.get("condition") != "service_healthy":
                problems.append(f"compose: {name} does not wait for a healthy {needed}")
        for port in service.get("ports", []):
            if not port.startswith("127.0.0.1:"):
                problems.append(f"compose: {name} opens {port} to the network")
    return problems


def main():
    problems = dockerfile_problems(pathlib.Path("Dockerfile").read_text(encoding="utf-8"))
    problems += compose_problems(yaml.safe_load(pathlib.Path("docker-compose.yml").read_text(encoding="utf-8")))
    print("\n".join(problems) or "Dockerfile and docker-compose.yml: no problem found")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
