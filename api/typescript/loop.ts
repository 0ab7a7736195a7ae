// Takes one ticket through the whole loop, each step by whom it falls to. The
// types are made from the OpenAPI document, so that what does not fit it does
// not compile.
//
//   WHISTLE_URL     where the service is
//   WHISTLE_TOKENS  the API tokens of six people, as JSON: {"enterprise", "desk",
//                   "officer" and "head" of the department with the code "labour",
//                   "summoned" of "fire", "leader"}
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Ticket = components["schemas"]["Ticket"];

const url = process.env["WHISTLE_URL"];
assert(url, "WHISTLE_URL is not set");
const tokens = JSON.parse(process.env["WHISTLE_TOKENS"] ?? "{}") as Record<string, string>;

const as = (who: string) => {
  const token = tokens[who];
  assert(token, `WHISTLE_TOKENS has nobody for ${who}`);
  return createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });
};
const enterprise = as("enterprise"), desk = as("desk"), officer = as("officer"), head = as("head"), summoned = as("summoned"), leader = as("leader");

// got is the answer, or the problem is thrown.
const got = <T>(answer: { data?: T; error?: components["schemas"]["Problem"] }): T => {
  if (answer.data === undefined) throw new Error(JSON.stringify(answer.error));
  return answer.data;
};

const departments = got(await desk.GET("/api/v1/departments")).items;
const department = (code: string) => {
  const found = departments.find((d) => d.code === code);
  assert(found, `there is no department ${code}`);
  return found.id;
};
const labour = department("labour"), fire = department("fire");

// What is wrong is said at once, field by field.
const refused = await enterprise.POST("/api/v1/tickets", { body: { title: "", description: "", category: "labour" } });
assert.equal(refused.response.status, 422);
assert.deepEqual(refused.error?.errors?.map((fault) => fault.pointer).sort(), ["/description", "/title"]);

// Sent twice under one key, it is filed once.
const file = () =>
  enterprise.POST("/api/v1/tickets", {
    params: { header: { "Idempotency-Key": "loop" } },
    body: { title: "招不到熟练装配工", description: "节后缺一百名装配工。", category: "labour" },
  });
const filed = got(await file());
assert.equal(got(await file()).id, filed.id);

const params = { path: { id: filed.id } };
let ticket: Ticket;
const stands = (now: Ticket, state: Ticket["state"]) => {
  assert.equal(now.state, state);
  ticket = now;
};
stands(filed, "submitted");
stands(got(await desk.POST("/api/v1/tickets/{id}/accept", { params })), "accepted");
stands(got(await desk.POST("/api/v1/tickets/{id}/dispatch", { params, body: { lead_id: labour } })), "dispatched");
stands(got(await officer.POST("/api/v1/tickets/{id}/claim", { params })), "resolving");
stands(got(await officer.POST("/api/v1/tickets/{id}/whistle", { params, body: { department_ids: [fire], question: "宿舍消防验收能否先行？", convener: "lead" } })), "joint");
stands(got(await summoned.POST("/api/v1/tickets/{id}/report-in", { params, body: { position: "can", text: "明天上午到现场查验。" } })), "joint");
stands(got(await head.POST("/api/v1/tickets/{id}/conclude", { params, body: { minutes: "先验收宿舍，再办专场招聘会。" } })), "resolving");
stands(got(await head.POST("/api/v1/tickets/{id}/resolve", { params, body: { outcome: "solved", result: "招到六十人，其余由职校定向输送。" } })), "verifying");

// Who looked at an older one is told so.
const stale = await enterprise.POST("/api/v1/tickets/{id}/confirm", { params: { ...params, header: { "If-Match": `"${filed.version}"` } }, body: { satisfaction: 5 } });
assert.equal(stale.response.status, 412);
stands(got(await enterprise.POST("/api/v1/tickets/{id}/confirm", { params, body: { satisfaction: 5, text: "人到岗了，谢谢。" } })), "closed");

const history = got(await leader.GET("/api/v1/tickets/{id}/history", { params })).items;
assert.deepEqual(history.map((line) => line.event), ["submit", "accept", "dispatch", "claim", "whistle", "report_in", "conclude", "resolve", "confirm"]);
const { resolution_rate } = got(await leader.GET("/api/v1/figures")).total;
console.log(JSON.stringify({ ticket: ticket!.number, resolution_rate }));
