"""A gcloud that is loaded once: each command runs in a fork, with the caller's arguments, environment and output.

Run by test/support/warm-gcloud.ts with gcloud's own Python. Arguments: the SDK's folder, and a socket to listen on.
"""
import array
import importlib
import json
import os
import signal
import socket
import sys
import threading

SDK, ADDRESS = sys.argv[1:3]
sys.path[:0] = [os.path.join(SDK, 'lib'), os.path.join(SDK, 'lib', 'third_party')]
import google  # noqa: E402

importlib.reload(google)
import googlecloudsdk.gcloud_main as gcloud_main  # noqa: E402

for name in (
    'googlecloudsdk.api_lib.util.apis',
    'googlecloudsdk.core.credentials.requests',
    'googlecloudsdk.core.credentials.transports',
    'googlecloudsdk.core.resource.resource_printer',
    'googlecloudsdk.command_lib.iam.iam_util',
    'googlecloudsdk.api_lib.pubsub.subscriptions',
):
    try:
        importlib.import_module(name)
    except ImportError:
        pass


def run(connection, request, fds):
    os.environ.clear()
    os.environ.update(request['env'])
    os.chdir(request['cwd'])
    for target, fd in zip((1, 2), fds):
        os.dup2(fd, target)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)

    # The caller is gone: so is its command.
    def watch():
        connection.recv(1)
        os._exit(130)

    threading.Thread(target=watch, daemon=True).start()
    sys.argv = ['gcloud'] + request['args']
    code = 0
    try:
        gcloud_main.main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else (0 if end.code is None else 1)
    sys.stdout.flush()
    sys.stderr.flush()
    connection.sendall(str(code).encode())
    os._exit(0)


signal.signal(signal.SIGCHLD, signal.SIG_IGN)
server = socket.socket(socket.AF_UNIX)
server.bind(ADDRESS)
server.listen(64)
print('ready', flush=True)
while True:
    connection, _ = server.accept()
    data, ancillary, _, _ = connection.recvmsg(1 << 20, socket.CMSG_SPACE(8))
    fds = array.array('i')
    for _, _, part in ancillary:
        fds.frombytes(part)
    # The environment may be longer than one packet.
    while not data.endswith(b'\n'):
        more = connection.recv(1 << 20)
        # The caller was killed before it had sent everything.
        if more == b'':
            break
        data += more
    if data.endswith(b'\n') and os.fork() == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        server.close()
        run(connection, json.loads(data), fds)
    connection.close()
    for fd in fds:
        os.close(fd)
