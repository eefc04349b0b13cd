"""Steps as pods of a Kubernetes cluster. What is pure about them stands in ``include.pods``.

``runtime`` prepares a pod and hands over; ``operator`` makes it, through the provider's
``KubernetesPodOperator``; ``trigger`` tells its log and waits for its end in the triggerer;
``after`` says what an end means for the task. Only ``after`` is light enough for a DAG file.
"""
