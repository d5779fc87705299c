export default {
  async fetch(request) {
    if (request.method !== "POST") return new Response("ready");
    const order = await request.json();
    let total = 0;
    const lines = order.items.map(({ sku, quantity, price }) => {
      const amount = Math.round(quantity * price * 100) / 100;
      total += amount;
      return { sku, quantity, price, amount };
    });
    return Response.json({ id: order.id, customer: order.customer, lines, total: Math.round(total * 100) / 100 });
  },
};
