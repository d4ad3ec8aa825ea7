// Socket keeps one websocket open as one person: it says who it is in the first
// frame, notices a silent connection and reconnects for ever.
const PING_EVERY = 20000;
const PING_WAIT = 8000;

export class Socket {
  constructor(token, { onEvent, onState }) {
    this.token = token;
    this.onEvent = onEvent;
    this.onState = onState;
    this.tries = 0;
    this.wake = () => { if (this.retry) this.connect(); };
    addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    this.connect();
  }

  connect() {
    clearTimeout(this.retry);
    this.retry = 0;
    if (this.ended) return;
    const ws = new WebSocket(`ws://${location.host}/api/v4/websocket`);
    this.ws = ws;
    this.seq = 0;
    this.next = 0;
    ws.onopen = () => this.send("authentication_challenge", { token: this.token });
    ws.onmessage = (m) => { if (this.ws === ws) this.receive(JSON.parse(m.data)); };
    ws.onclose = () => { if (this.ws === ws) this.lost(); };
    this.alive();
  }

  receive(frame) {
    this.alive();
    if (!frame.event) return;
    if (frame.seq !== this.next) { this.ws.close(); return; } // something was missed: a new hello brings it all
    this.next++;
    if (frame.event === "hello") {
      this.tries = 0;
      this.onState("live");
    }
    this.onEvent(frame);
  }

  // alive re-arms the watch: a ping after a quiet while, then a hang-up.
  alive() {
    clearTimeout(this.watch);
    this.watch = setTimeout(() => {
      this.send("ping");
      this.watch = setTimeout(() => { this.ws.close(); this.lost(); }, PING_WAIT);
    }, PING_EVERY);
  }

  lost() {
    clearTimeout(this.watch);
    if (this.ended || this.retry) return;
    this.ws = null;
    this.onState(this.tries > 3 ? "lost" : "reconnecting");
    const wait = Math.min(300 * 2 ** this.tries++, 8000) * (0.7 + Math.random() * 0.6);
    this.retry = setTimeout(() => this.connect(), wait);
  }

  send(action, data = {}) {
    if (this.ws?.readyState === WebSocket.OPEN) this.ws.send(JSON.stringify({ seq: ++this.seq, action, data }));
  }

  end() {
    this.ended = true;
    clearTimeout(this.watch);
    clearTimeout(this.retry);
    removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    this.ws?.close();
  }
}
