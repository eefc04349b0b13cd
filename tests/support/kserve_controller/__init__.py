"""A stand-in for KServe's controller, for clusters that have its definitions and no controller.

It does what KServe 0.21 does in Standard mode with Gateway API as far as a canary is concerned,
against a real API server: an admission webhook, and a reconciler that makes real Deployments,
Services, autoscalers and HTTPRoutes. It follows what KServe is known to do, faults included:

* ``admission``, ``webhook``, ``certificate``: what is refused, in KServe's order and words;
* ``names``, ``settings``: names, hosts and the ConfigMap ``inferenceservice-config``;
* ``merging``, ``replicas``: a canary's predictor over the stable one, how many pods each gets;
* ``workloads``, ``routes``, ``conditions``: the objects and the status that follow from it;
* ``reconciler``: one pass over an InferenceService, in KServe's order;
* ``loop``, ``cluster_api``: what wakes the reconciler; the API server over HTTP;
* ``process``: the stand-in as a process of a test's own.

Left out, because no canary of ours uses it: transformers and explainers, KEDA, Knative, multi-node,
model caches, the download of models (a claim is mounted in the pod's template, where KServe does it
when the pod is made), and the finalizer (it would keep a namespace once the stand-in has ended).
"""
