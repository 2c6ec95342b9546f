"""A Kubernetes of one node on loopback: the programs in $KUBEBIN, etcd and containerd.

`KUBEBIN` is a folder with kube-apiserver, kube-controller-manager, kube-scheduler and kubelet. What differs from a
usual node, as a container of a test machine forbids it: pods get a network namespace with nothing in it (a stand-in
for a CNI plugin says 127.0.0.2, so that a probe of a pod asks the machine's own loopback), no cgroups of quality of
service, no change of a process's OOM score.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.real.run.daemons import HOST, daemon, free_port, succeeds
from tests.real.run.engine import Engine, unmount
from tests.real.run.rootfs import rootfs

POD_IP = "127.0.0.2"
PAUSE = "localhost/pause:3"
USERS: Mapping[str, str] = {"admin": "system:masters", "agent": "agents"}
"""People of the cluster and their groups; `agent` has the rights that a test gives."""
_CNI = f"""#!/bin/sh
case "$CNI_COMMAND" in
  ADD) echo '{{"cniVersion": "0.4.0", "interfaces": [{{"name": "eth0"}}], "ips": [{{"version": "4", "address": "{POD_IP}/32"}}]}}' ;;
  VERSION) echo '{{"cniVersion": "0.4.0", "supportedVersions": ["0.3.1", "0.4.0"]}}' ;;
esac
"""  # noqa: E501  # one line of JSON
_LOOPBACK = """#!/bin/sh
case "$CNI_COMMAND" in
  VERSION) echo '{"cniVersion": "0.4.0", "supportedVersions": ["0.3.1", "0.4.0"]}' ;;
  *) echo '{"cniVersion": "0.3.1"}' ;;
esac
"""
_CONTAINERD = """version = 2
root = "{folder}/root"
state = "{folder}/state"
[grpc]
  address = "{folder}/cri.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{folder}/cni"
    conf_dir = "{folder}/cni.d"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "{folder}/certs.d"
"""
_KUBELET: Mapping[str, Any] = {
    "apiVersion": "kubelet.config.k8s.io/v1beta1",
    "kind": "KubeletConfiguration",
    "address": HOST,
    "healthzBindAddress": HOST,
    "readOnlyPort": 0,
    "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}},
    "authorization": {"mode": "AlwaysAllow"},
    "cgroupDriver": "cgroupfs",
    "cgroupsPerQOS": False,
    "enforceNodeAllocatable": [],
    "failSwapOn": False,
    "makeIPTablesUtilChains": False,
    "evictionHard": {"memory.available": "1Mi"},
    "imageGCHighThresholdPercent": 100,
    "oomScoreAdj": 0,
    "resolvConf": "",
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster."""

    url: str

    def kubeconfig(self, user: str = "admin", context: str = "test") -> str:
        """Return the text of a kubeconfig with one context, as a GitLab agent gives it to a job."""
        made = {
            "apiVersion": "v1",
            "kind": "Config",
            # The API server made its certificate itself, a moment ago.
            "clusters": [{"name": "c", "cluster": {"server": self.url, "insecure-skip-tls-verify": True}}],
            "users": [{"name": user, "user": {"token": f"{user}-token"}}],
            "contexts": [{"name": context, "context": {"cluster": "c", "user": user}}],
        }
        return yaml.safe_dump(made)

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl as the administrator; what it printed."""
        command = ["kubectl", "--server", self.url, "--insecure-skip-tls-verify", "--token", "admin-token", *arguments]
        environ = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
        done = subprocess.run(command, input=stdin, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def get(self, *arguments: str) -> Any:
        """Return objects."""
        return json.loads(self.kubectl("get", *arguments, "--output", "json"))


@contextmanager
def cluster(folder: Path, programs: Path, docker: Engine, registries: Sequence[str]) -> Iterator[Cluster]:
    """Run a cluster below `folder`. `registries` speak plain http. The pause image is made with `docker`."""
    made = Cluster(f"https://{HOST}:{free_port()}")
    with ExitStack() as running:
        running.callback(unmount, folder)
        running.enter_context(_containerd(folder / "cri", registries))
        _bring_pause(folder / "cri", docker)
        _api_server(running, folder, programs, made.url)
        _controllers(running, folder, programs, made)
        yield made
        made.kubectl("delete", "pods", "--all", "--all-namespaces", "--grace-period=0", "--force", "--wait=false")


@contextmanager
def _containerd(folder: Path, registries: Sequence[str]) -> Iterator[None]:
    for name, text in (("cni/stand-in", _CNI), ("cni/loopback", _LOOPBACK)):
        _write(folder / name, text).chmod(0o755)
    chain = {"cniVersion": "0.4.0", "name": "stand-in", "plugins": [{"type": "stand-in"}]}
    _write(folder / "cni.d" / "10.conflist", json.dumps(chain))
    for address in registries:
        server = f'server = "http://{address}"\n[host."http://{address}"]\n  capabilities = ["pull", "resolve"]\n'
        _write(folder / "certs.d" / address / "hosts.toml", server)
    settings = _write(folder / "config.toml", _CONTAINERD.format(folder=folder, pause=PAUSE))
    client = ("ctr", "--address", f"{folder}/cri.sock", "--namespace", "k8s.io")
    with daemon(["containerd", "--config", str(settings)], folder / "containerd.log", succeeds(*client, "version")):
        try:
            yield
        finally:
            _end_pods(client)


def _end_pods(client: Sequence[str]) -> None:
    """End what runs in containers, and the network namespaces of pods: both outlive containerd."""

    def told(*arguments: str) -> str:
        return subprocess.run([*client, *arguments], capture_output=True, text=True, check=False).stdout

    containers = told("containers", "list", "--quiet").split()
    described = [told("containers", "info", name) for name in containers]
    for name in containers:
        told("tasks", "delete", "--force", name)
        told("containers", "delete", name)
    for text in described:
        for word in text.split('"'):
            if word.startswith("/var/run/netns/cni-"):
                subprocess.run(["ip", "netns", "delete", Path(word).name], capture_output=True, check=False)


def _bring_pause(folder: Path, docker: Engine) -> None:
    command = '["/usr/bin/busybox", "tail", "-f", "/dev/null"]'
    docker.docker("import", "--change", f"CMD {command}", "-", PAUSE, stdin=rootfs(()))
    docker.docker("save", "--output", f"{folder}/pause.tar", PAUSE)
    client = ("ctr", "--address", f"{folder}/cri.sock", "--namespace", "k8s.io")
    subprocess.run([*client, "images", "import", f"{folder}/pause.tar"], check=True, capture_output=True)


def _api_server(running: ExitStack, folder: Path, programs: Path, url: str) -> None:
    store, peer = f"http://{HOST}:{free_port()}", f"http://{HOST}:{free_port()}"
    etcd = [
        *("etcd", "--data-dir", f"{folder}/etcd", "--unsafe-no-fsync"),
        *("--listen-client-urls", store, "--advertise-client-urls", store),
        *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}"),
    ]
    health = succeeds("curl", "--silent", "--fail", f"{store}/health")
    running.enter_context(daemon(etcd, folder / "etcd.log", health))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    _write(folder / "accounts.key", pem.decode())
    people = "".join(f'{name}-token,{name},{name}-id,"{group}"\n' for name, group in USERS.items())
    tokens = _write(folder / "people.csv", people)
    server = [
        *(f"{programs}/kube-apiserver", f"--etcd-servers={store}", f"--bind-address={HOST}", "--insecure-port=0"),
        *(f"--secure-port={url.rpartition(':')[2]}", f"--cert-dir={folder}/certs", f"--token-auth-file={tokens}"),
        *("--authorization-mode=Node,RBAC", "--allow-privileged=true", "--endpoint-reconciler-type=none"),
        *(f"--advertise-address={HOST}", "--service-cluster-ip-range=10.96.0.0/16"),
        *("--service-account-issuer=https://kubernetes.default.svc", "--kubelet-preferred-address-types=Hostname"),
        *(f"--service-account-key-file={folder}/accounts.key",),
        *(f"--service-account-signing-key-file={folder}/accounts.key",),
    ]
    ready = succeeds("curl", "--silent", "--fail", "--insecure", f"{url}/readyz")
    running.enter_context(daemon(server, folder / "kube-apiserver.log", ready))


def _controllers(running: ExitStack, folder: Path, programs: Path, made: Cluster) -> None:
    kubeconfig = _write(folder / "kubeconfig", made.kubeconfig() + "current-context: test\n")
    asked = ("kubectl", "--kubeconfig", str(kubeconfig))

    def start(name: str, ready: Sequence[str], *options: str) -> None:
        command = [f"{programs}/{name}", f"--kubeconfig={kubeconfig}", *options]
        running.enter_context(daemon(command, folder / f"{name}.log", succeeds(*ready)))

    start(
        "kube-controller-manager",
        (*asked, "get", "serviceaccount", "default"),
        *(f"--service-account-private-key-file={folder}/accounts.key", f"--bind-address={HOST}", "--port=0"),
        *(f"--secure-port={free_port()}", f"--cert-dir={folder}/certs", "--leader-elect=false"),
        "--controllers=*,-nodeipam,-cloud-node-lifecycle,-route,-service",
    )
    port = free_port()
    start(
        "kube-scheduler",
        ("curl", "--silent", "--fail", "--insecure", f"https://{HOST}:{port}/healthz"),
        *("--leader-elect=false", f"--bind-address={HOST}", "--port=0", f"--secure-port={port}"),
        f"--cert-dir={folder}/certs",
    )
    ports = {"port": free_port(), "healthzPort": free_port()}
    settings = _write(folder / "kubelet.yaml", yaml.safe_dump({**_KUBELET, **ports}))
    start(
        "kubelet",
        (*asked, "wait", "--for=condition=Ready", "node/localhost", "--timeout=1s"),
        *(f"--config={settings}", f"--root-dir={folder}/kubelet", f"--cert-dir={folder}/certs"),
        *("--container-runtime=remote", f"--container-runtime-endpoint=unix://{folder}/cri/cri.sock"),
        "--hostname-override=localhost",
    )


def _write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file
