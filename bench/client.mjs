// GET requests one after the other over one kept connection.
import { Agent, get } from "node:http";

export class Client {
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  #port;

  constructor(port) {
    this.#port = port;
  }

  /** The body as text; throws when the status is not 200. */
  get(path, headers = {}) {
    return new Promise((resolve, reject) => {
      const request = get({ host: "127.0.0.1", port: this.#port, path, headers, agent: this.#agent }, (response) => {
        let body = "";
        response.setEncoding("utf8");
        response.on("data", (text) => (body += text));
        response.once("error", reject);
        response.once("end", () => {
          if (response.statusCode === 200) resolve(body);
          else reject(new Error(`${path} was answered with ${response.statusCode}: ${body.slice(0, 200)}`));
        });
      });
      request.once("error", reject);
    });
  }

  close() {
    this.#agent.destroy();
  }
}
