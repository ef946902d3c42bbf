-- Monthly takings per department for the museum shop (Postgres).
-- Finance says Books is too high every month, for March by 412.60, while
-- Postcards is always right to the penny. I've checked the prices twice.
-- My guess is that returns are being booked to the wrong department?
--
-- sale(id, sold_at timestamptz, till)
-- sale_line(sale_id, product_id, qty, unit_price numeric, discount numeric)
-- payment(id, sale_id, method, amount)   -- card / cash / voucher
-- product(id, department_id, title)

WITH march AS (
    SELECT s.id, s.till
    FROM sale s
    WHERE s.sold_at BETWEEN '2025-03-01' AND '2025-03-31'
),
lines AS (
    SELECT m.id AS sale_id,
           p.department_id,
           l.qty * l.unit_price - l.discount AS net
    FROM march m
    JOIN sale_line l ON l.sale_id = m.id
    JOIN product p   ON p.id = l.product_id
    JOIN payment pay ON pay.sale_id = m.id
    WHERE pay.method IN ('card', 'cash', 'voucher')
)
SELECT d.name                    AS department,
       count(DISTINCT x.sale_id) AS sales,
       round(sum(x.net), 2)      AS takings
FROM department d
LEFT JOIN lines x ON x.department_id = d.id
GROUP BY d.name
ORDER BY takings DESC;
