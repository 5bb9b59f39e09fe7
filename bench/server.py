"""Answers every HTTP request with 'rhel01', at once: the server of bench/probe.ts.

One thread, no garbage collection of its own: what an answer takes longer is waiting for the processor. A server on
Node paused for 10 to 50 ms now and then at 1,000 fresh connections a second, which looked like a fault of the probe.
Prints its port on 127.0.0.1; ends with its standard input.
"""
import select
import socket
import sys

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n"
KEEP = HEAD + b"\r\nrhel01\n"
CLOSE = HEAD + b"Connection: close\r\n\r\nrhel01\n"

listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
listener.setblocking(False)
poll = select.epoll()
poll.register(listener, select.EPOLLIN)
poll.register(sys.stdin, select.EPOLLIN)
connections = {}
print(listener.getsockname()[1], flush=True)


def accept():
    while True:
        try:
            connection, _ = listener.accept()
        except BlockingIOError:
            return
        connection.setblocking(False)
        connections[connection.fileno()] = connection
        poll.register(connection, select.EPOLLIN)


def answer(number):
    connection = connections[number]
    kept = False
    try:
        request = connection.recv(4096)
        kept = b"keep-alive" in request
        if request:
            connection.send(KEEP if kept else CLOSE)
    except OSError:
        kept = False
    if not kept:
        poll.unregister(number)
        del connections[number]
        connection.close()


while True:
    for number, _ in poll.poll():
        if number == sys.stdin.fileno():
            sys.exit()
        elif number == listener.fileno():
            accept()
        else:
            answer(number)
