"""What every request passes before any route, as plain ASGI: nothing behind it is open.

- ``journal``     request id in and out, one log line a request, no stack trace to the outside
- ``doorkeeper``  who is calling; without a principal nothing is answered, not even a 404
- ``intake``      bodies are JSON, whole, small and unambiguous
"""
