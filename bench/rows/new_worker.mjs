import { newWorkerRow } from "../new-worker-row.mjs";

export default newWorkerRow({
  name: "new_worker",
  order: 70,
  title: "the first answer of a new worker of 200 KB in a running process that never saw its code",
  known: false,
});
