"""Where the endpoints of an installation are served, and how they are reached."""

from __future__ import annotations

from dataclasses import dataclass

from include.errors import BadInput

FIELD_MANAGER = "airworthy"


@dataclass(frozen=True)
class Installation:
    """One namespace of InferenceServices.

    Attributes:
        namespace: Where they are.
        runtime: ServingRuntime or ClusterServingRuntime of our model server.
        model_format: What this runtime says that it serves.
        store: Prefix of every package that may be served, as packages are registered.
        claim: PersistentVolumeClaim that holds the store, where it is a folder.
        mount: Folder at which everybody mounts this claim.
        service_account: Account of the model servers, with the secret of the store; empty: default.
        smoke_address: Where one variant answers, of {service}, {namespace} and {pod_ip}.
        port: Port at which a pod of theirs answers.
        smoke_path: What is asked there, of {name}: the InferenceService's.
        kserve_namespace: Where KServe's manager and its configuration are.
        kserve_version: Version of KServe, where its manager does not tell.
        patience_seconds: Longest wait for a route within one call.
        poll_seconds: Time between two looks of such a wait.
    """

    namespace: str
    runtime: str = "airworthy-model"
    model_format: str = "airworthy"
    store: str = ""
    claim: str = ""
    mount: str = "/airworthy"
    service_account: str = ""
    smoke_address: str = "http://{service}.{namespace}.svc.cluster.local"
    port: int = 8080
    smoke_path: str = "/v2/models/{name}/infer"
    kserve_namespace: str = "kserve"
    kserve_version: str = ""
    patience_seconds: float = 30.0
    poll_seconds: float = 0.25

    def storage_uri(self, package_uri: str) -> str:
        """Return where KServe finds a package.

        Raises:
            BadInput: it lies outside the store, or nowhere where KServe could reach it.
        """
        inside = package_uri.startswith(f"{self.store.rstrip('/')}/") and self.store
        if not inside or ".." in package_uri.split("/") or set(package_uri) & set("?#%\\* "):
            raise BadInput(
                "a package outside the store",
                where="package_uri",
                value=package_uri[:200],
                remedy=f"Packages lie below {self.store.rstrip('/')}/",
            )
        if package_uri.startswith(("s3://", "gs://", "pvc://", "oci://")):
            return package_uri
        folder = f"file://{self.mount.rstrip('/')}/"
        if package_uri.startswith(folder) and self.claim:
            return f"pvc://{self.claim}/{package_uri.removeprefix(folder)}"
        raise BadInput(
            "KServe cannot reach the package",
            where="package_uri",
            value=package_uri[:200],
            remedy=f"Keep the store in S3, or on the claim that is mounted at {self.mount}",
        )
