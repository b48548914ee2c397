// What every page does: ids copy themselves, times count up, jobs show how far they are.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button && navigator.clipboard) navigator.clipboard.writeText(button.dataset.copy);
});

// <... data-job="/jobs/7/events" data-job-over="/trace/…"> shows the stage and goes on when the work is over.
function follow(place) {
  const stream = new EventSource(place.dataset.job);
  const say = (event) => {
    const { stage, done, total, state } = JSON.parse(event.data);
    const words = place.querySelector(`[data-stage="${stage}"]`);
    if (words) {
      const stages = [...place.querySelectorAll("[data-stage]")], at = stages.indexOf(words);
      stages.forEach((item, i) => { if (i < at) item.dataset.s = "done"; else if (i > at) delete item.dataset.s; });
      words.dataset.s = "now";
    }
    const meter = place.querySelector("progress");
    if (meter && total) { meter.max = total; meter.value = done; meter.hidden = false; }
    place.dataset.state = state;
  };
  stream.addEventListener("step", say);
  stream.addEventListener("over", (event) => { say(event); stream.close(); location.assign(place.dataset.jobOver); });
}
for (const place of document.querySelectorAll("[data-job]")) follow(place);
