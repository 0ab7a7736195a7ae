// Has itself told what happens, and believes only what is signed: a receiver of
// webhooks, which are signed by https://www.standardwebhooks.com.
//
//   WHISTLE_URL     where the service is, which must be allowed to reach this
//                   machine (WHISTLE_OUTBOUND_ALLOW=127.0.0.0/8)
//   WHISTLE_TOKENS  the API tokens of two people, as JSON: {"desk", "enterprise"}
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import createClient from "openapi-fetch";
import { Webhook } from "standardwebhooks";
import type { components, paths } from "./schema.js";

type Message = components["schemas"]["MessageTicketData"] | components["schemas"]["MessagePingData"];

const url = process.env["WHISTLE_URL"];
assert(url, "WHISTLE_URL is not set");
const tokens = JSON.parse(process.env["WHISTLE_TOKENS"] ?? "{}") as Record<string, string>;
const as = (who: string) => createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${tokens[who]}` } });
const desk = as("desk"), enterprise = as("enterprise");

let secrets: string[] = [];
const seen = new Set<string>(); // the ids of what was taken
const taken: string[] = [];
const server = createServer(async (request, response) => {
  const body = await text(request);
  const headers = request.headers as Record<string, string>;
  try {
    // Each secret by itself: while they change over, either must do.
    const messages = secrets.map((secret) => new Webhook(secret).verify(body, headers) as Message);
    assert.throws(() => new Webhook(secrets[0]!).verify(`${body} `, headers), "what was changed on the way must be refused");
    assert.throws(() => new Webhook(secrets[0]!).verify(body, { ...headers, "webhook-timestamp": "1600000000" }));
    const id = headers["webhook-id"]!;
    if (!seen.has(id)) taken.push(messages[0]!.type);
    seen.add(id);
    response.writeHead(204).end();
  } catch (error) {
    console.error(error);
    response.writeHead(400).end();
  }
  server.emit("taken");
});
server.listen(0, "127.0.0.1");
await once(server, "listening");

const made = await desk.POST("/api/v1/webhooks", {
  body: { name: "example", url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, events: ["ticket.*"] },
});
assert(made.data, JSON.stringify(made.error));
const { id, secret } = made.data;
secrets = [secret];
const path = { params: { path: { id } } };
const ping = async () => {
  const came = once(server, "taken");
  assert.equal((await desk.POST("/api/v1/webhooks/{id}/test", path)).response.status, 202);
  await came;
};
await ping();

// A new secret: for a day the one before is good too.
const rotated = await desk.POST("/api/v1/webhooks/{id}/rotate", path);
assert(rotated.data && rotated.data.secret !== secret);
secrets = [secret, rotated.data.secret];
await ping();

const came = once(server, "taken");
const filed = await enterprise.POST("/api/v1/tickets", { body: { title: "招不到熟练装配工", description: "节后缺一百名装配工。", category: "labour" } });
assert.equal(filed.response.status, 201);
await came;

// What was sent is in the log once the answer is written down.
const sent = async () => (await desk.GET("/api/v1/webhooks/{id}/deliveries", path)).data?.items ?? [];
while ((await sent()).some((delivery) => delivery.state === "waiting"));
const log = (await sent()).map((delivery) => `${delivery.type} ${delivery.state} ${delivery.attempts.map((attempt) => attempt.status)}`);
assert.equal((await desk.DELETE("/api/v1/webhooks/{id}", path)).response.status, 204);
console.log(JSON.stringify({ taken, log }));
server.close();
