// What `redocly lint` says of the document, by its own core: the command itself
// brings ten times as much along.
import { createConfig, formatProblems, getTotals, lint } from "@redocly/openapi-core";

const config = await createConfig({
  extends: ["recommended"],
  rules: { "info-license": "off" }, // the service is given to offices, not published
});
const problems = await lint({ ref: "../openapi.yaml", config });
formatProblems(problems, { totals: getTotals(problems), version: "", format: "codeframe" });
if (problems.length > 0) process.exit(1);
