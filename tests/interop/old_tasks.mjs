// The TypeScript SDK v1, which speaks the tasks of 2025-11-25: calls tools as tasks and prints what came, as JSON.
//
//     node old_tasks.mjs FOLDER TARGET CALLS
//
// FOLDER has the SDK in its node_modules. TARGET is an address, or a command as a JSON list. CALLS is a JSON list of
// [how, tool, arguments]: "stream" lets the SDK follow the task, "poll" follows it by hand, "cancel" cancels it.

import { createRequire } from "node:module";
import { join } from "node:path";

const [folder, target, calls] = process.argv.slice(2);
const sdk = createRequire(join(folder, "package.json"));
const { Client } = sdk("@modelcontextprotocol/sdk/client/index.js");
const { StdioClientTransport } = sdk("@modelcontextprotocol/sdk/client/stdio.js");
const { StreamableHTTPClientTransport } = sdk("@modelcontextprotocol/sdk/client/streamableHttp.js");
const types = sdk("@modelcontextprotocol/sdk/types.js");

const ENDED = ["completed", "failed", "cancelled"];
const client = new Client({ name: "old-tasks", version: "1" }, { capabilities: { elicitation: { form: {} } } });
const filledIn = (field) => field.enum?.[0] ?? { boolean: true, number: 2.5, string: "Ana" }[field.type];
client.setRequestHandler(types.ElicitRequestSchema, async (request) => ({
  action: "accept",
  content: Object.fromEntries(
    Object.entries(request.params.requestedSchema.properties).map(([name, field]) => [name, filledIn(field)]),
  ),
}));
const { tasks } = client.experimental;

async function stream(params) {
  const seen = [];
  for await (const message of tasks.callToolStream(params, undefined, { task: { ttl: 60000 } })) {
    seen.push(message.type);
    if (message.type === "result") return { seen, result: message.result };
    if (message.type === "error") return { seen, error: message.error.message };
  }
  return { seen };
}

async function create(params) {
  const request = { method: "tools/call", params };
  return (await client.request(request, types.CreateTaskResultSchema, { task: { ttl: 60000 } })).task;
}

async function poll(params) {
  const created = await create(params);
  let task = created;
  while (!ENDED.includes(task.status)) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(task.pollInterval ?? 100, 100)));
    task = await tasks.getTask(created.taskId);
  }
  const result = await tasks.getTaskResult(created.taskId, types.CallToolResultSchema);
  return { task: created.taskId, status: task.status, result };
}

async function cancel(params) {
  const { taskId } = await create(params);
  return { task: taskId, status: (await tasks.cancelTask(taskId)).status };
}

const follow = { stream, poll, cancel };
const command = target.startsWith("[") ? JSON.parse(target) : null;
await client.connect(
  command
    ? new StdioClientTransport({ command: command[0], args: command.slice(1), env: process.env, stderr: "ignore" })
    : new StreamableHTTPClientTransport(new URL(target)),
);
await client.listTools(); // from here on the SDK checks results against the tools' schemas
const told = [];
for (const [how, name, args] of JSON.parse(calls)) {
  told.push(await follow[how]({ name, arguments: args }).catch((error) => ({ error: error.message })));
}
const server = client.getServerCapabilities();
const listed = server.tasks?.list ? (await tasks.listTasks()).tasks.map((task) => task.taskId) : null;
console.log(JSON.stringify({ capability: server.tasks ?? null, told, listed }));
await client.close();
