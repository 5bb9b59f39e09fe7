/** A server on the loopback for the probe's tests: what it does with a request is the test's. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

export interface TestServer {
  port: number;
  /** Connections so far. */
  connections(): number;
  /** Connections that are open now. */
  open(): number;
  /** Ends the server, all connections reset. */
  close(): Promise<void>;
}

/** Calls `onRequest` with each whole request head that comes in. */
export async function testServer(
  onRequest: (socket: Socket, head: string) => void,
  port = 0,
): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    let text = '';
    socket
      .on('error', () => {})
      .on('close', () => sockets.delete(socket))
      .on('data', (chunk) => {
        text += chunk;
        for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
          onRequest(socket, text.slice(0, end));
          text = text.slice(end + 4);
        }
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject).listen(port, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    open: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.resetAndDestroy();
      }),
  };
}

/** An answer with its length; the connection is kept unless the request says otherwise. */
export function answer(body: string, status = 200): string {
  return `HTTP/1.1 ${status} Said\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
