// Watches the depth of a queue and tells a webhook when it passes a mark, and when it has come down again; not each time between.
const depth = (await http.get(params.queue, '/stats')).json().depth;
const alarmed = (await state.get('alarmed')) === true;
const now = alarmed ? depth > params.calmBelow : depth > params.alarmAbove;
if (now === alarmed) return { depth, alarmed };

const answer = await http.post(params.webhook, '/alerts', {
  text: now ? `The queue holds ${depth} messages` : `The queue is down to ${depth} messages`,
});
if (!answer.ok) throw new Error(`The webhook answered ${answer.status}`);
await state.set('alarmed', now);
return { depth, alarmed: now, told: true };
