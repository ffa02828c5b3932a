/** Shows the sample grids one after the other. Comes after the charts' script, whose `data` it has. */
export const samplesScript = `
const FRAME_MS = 160;
const grids = data.grids;
if (grids.length > 0) {
  const image = document.getElementById('grid');
  const caption = document.getElementById('grid-caption');
  const slider = document.getElementById('grid-slider');
  const button = document.getElementById('grid-play');
  let timer = null;

  const showGrid = (index) => {
    const { iteration, url } = grids[index];
    const after = 'after ' + iteration.toLocaleString('en-US') + ' iterations';
    image.src = url;
    image.alt = 'Images that the generator drew ' + after;
    slider.value = String(index);
    slider.setAttribute('aria-valuetext', after);
    caption.textContent = 'A' + after.slice(1) + ' · grid ' + (index + 1) + ' of ' + grids.length;
    markSample(iteration);
  };
  const current = () => Number(slider.value);
  const stop = () => {
    clearInterval(timer);
    timer = null;
    button.textContent = 'Play';
  };
  const play = () => {
    if (current() === grids.length - 1) showGrid(0);
    button.textContent = 'Pause';
    timer = setInterval(() => {
      if (current() < grids.length - 1) showGrid(current() + 1);
      else stop();
    }, FRAME_MS);
  };

  slider.addEventListener('input', () => {
    stop();
    showGrid(current());
  });
  button.addEventListener('click', () => (timer === null ? play() : stop()));
  document.addEventListener('keydown', (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    stop();
    showGrid(Math.min(grids.length - 1, Math.max(0, current() + step)));
  });
  showGrid(grids.length - 1);
}
`;
