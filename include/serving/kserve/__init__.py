"""Endpoints as KServe InferenceServices: pure, but for the driver that is handed an API server.

``driver``        reads, does the next step, returns; ``writing`` is one step, in one write
``recipes``       the next step from what is there to what is wanted: the heart of it
``wanting``       a wanted state as predictors; ``naming`` gives them names
``shape``         what an InferenceService says, as a value; ``rendering`` makes manifests of it
``records``       our annotations; ``standing`` is where an endpoint stands by them
``edits``         what somebody else changed
``scene``         one look at everything live (``objects``); ``reading`` says what it shows
``smoking``       one request to one predictor
``installation``  where it all is; ``cluster`` is the Protocol of the API server
``facts``, ``preflight``   what has to be there, and why a canary cannot work
``budget``        a PodDisruptionBudget beside it; ``istio`` the same split for Istio
``phases``        since when a revision is there, for who counts requests
``ledger``        the manifest of every step in the object store; ``quantities`` as Kubernetes
                  writes them
"""
