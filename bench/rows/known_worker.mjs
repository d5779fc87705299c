import { newWorkerRow } from "../new-worker-row.mjs";

export default newWorkerRow({
  name: "known_worker",
  order: 71,
  title: "the first answer of a new worker of 200 KB in a running process that has loaded the same code before",
  known: true,
});
