// A shared worker: the streams of all windows of this browser. Over HTTP/1.1 a browser has six connections to a service for
// all its windows; streams take at most four of them, and where there are more, they take turns

const MOST = 4;
const TURN_MILLIS = 5000;

/** By address: the windows that follow it, and its stream while it has its turn. The oldest stream comes first. */
const streams = new Map();

function tell(address, message) {
  for (const port of streams.get(address)?.ports ?? []) port.postMessage({ address, ...message });
}

function openOnes() {
  return [...streams].filter(([, stream]) => stream.source);
}

function end(address) {
  tell(address, { ended: true });
  drop(address);
}

function drop(address) {
  streams.get(address)?.source?.close();
  streams.delete(address);
  fill();
}

function open(address, stream) {
  const source = new EventSource(address);
  stream.source = source;
  source.addEventListener('row', event => tell(address, { id: event.lastEventId, html: event.data }));
  source.addEventListener('token-expired', () => end(address));
  source.addEventListener('error', () => {
    // Refused; a connection that was lost is made anew by the browser
    if (source.readyState === EventSource.CLOSED) end(address);
  });
}

/** Opens as many of those that wait as there is room for. */
function fill() {
  for (const [address, stream] of streams) {
    if (openOnes().length >= MOST) return;
    if (!stream.source) open(address, stream);
  }
}

/** The oldest stream makes room for one that waits, and waits itself. */
function turn() {
  if (streams.size <= MOST) return;
  const [address, stream] = openOnes()[0];
  stream.source.close();
  streams.delete(address);
  const first = [...streams].find(([, other]) => !other.source);
  stream.source = undefined;
  if (first) open(...first);
  streams.set(address, stream);
}

setInterval(turn, TURN_MILLIS);

onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => {
    if (data.follow) {
      const known = streams.get(data.follow);
      if (known) {
        known.ports.add(port);
      } else {
        streams.set(data.follow, { ports: new Set([port]) });
        fill();
      }
    }
    for (const address of data.leave ?? []) {
      const ports = streams.get(address)?.ports;
      if (ports?.delete(port) && !ports.size) drop(address);
    }
  };
};
