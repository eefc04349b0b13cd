"""The rules of handing events to the outside at least once.

- ``backoff``  when a delivery that failed is tried again
"""
