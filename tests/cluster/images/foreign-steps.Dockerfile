# Its `python` is a program for another processor than the node's.
FROM python:3.11-slim
RUN python3 -c "import pathlib, platform, struct; \
machine = 62 if platform.machine() == 'aarch64' else 183; \
place = pathlib.Path('/opt/foreign/python'); place.parent.mkdir(); \
place.write_bytes(b'\x7fELF\x02\x01\x01' + bytes(9) + struct.pack('<HHIQQQIHHHHHH', 2, machine, 1, 0x400078, 64, 0, 0, 64, 56, 1, 64, 0, 0) + bytes(56)); \
place.chmod(0o755)"
ENV PATH=/opt/foreign:/usr/local/bin:/usr/bin:/bin
USER 65532:65532
