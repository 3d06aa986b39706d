-- What somebody does who may write the file. Before each statement: the auditor's rule that finds it, and what it is.

-- payment: a cash payment is taken out with all that hangs on it
DELETE FROM receipt_print WHERE receipt_id IN (SELECT id FROM receipt WHERE payment_id IN (SELECT id FROM
    payment WHERE tender = 'cash'));
DELETE FROM receipt_document WHERE receipt_id IN (SELECT id FROM receipt WHERE payment_id IN (SELECT id FROM
    payment WHERE tender = 'cash'));
DELETE FROM receipt WHERE payment_id IN (SELECT id FROM payment WHERE tender = 'cash');
DELETE FROM allocation WHERE payment_id IN (SELECT id FROM payment WHERE tender = 'cash');
DELETE FROM payment_item WHERE payment_id IN (SELECT id FROM payment WHERE tender = 'cash');
DELETE FROM refund_item WHERE refund_id IN (SELECT id FROM refund WHERE way = 'cash');
DELETE FROM refund WHERE way = 'cash';
DELETE FROM payment WHERE tender = 'cash';

-- payment: cash becomes a cheque
UPDATE payment SET tender = 'cheque', tendered_minor = NULL WHERE tender = 'cash';

-- payment: another person took it
UPDATE payment SET staff_id = 2 WHERE tender = 'cash';

-- payment: another desk took it
UPDATE payment SET desk_id = 2 WHERE tender = 'cheque';

-- payment: it was less
UPDATE payment SET amount_minor = amount_minor - 100 WHERE tender = 'cash';

-- payment: another patient's payment
UPDATE payment SET patient_id = (SELECT max(id) FROM patient);

-- payment: what was given up is paid
UPDATE payment SET state = 'paid', settled_at = created_at WHERE state = 'cancelled';

-- payment: taken yesterday
UPDATE payment SET created_at = datetime(created_at, '-1 day') || '.000000' WHERE tender = 'cheque';

-- payment: paid yesterday
UPDATE payment SET settled_at = datetime(settled_at, '-1 day') || '.000000' WHERE tender = 'cash';

-- payment: in no drawer
UPDATE payment SET shift_id = NULL WHERE tender = 'cash';

-- payment: more was handed over
UPDATE payment SET tendered_minor = tendered_minor + 500 WHERE tender = 'cash';

-- payment: another cheque
UPDATE payment SET reference = 'other' WHERE tender = 'cheque';

-- payment: another payment at Stripe
UPDATE payment SET stripe_intent_id = 'pi_x' WHERE stripe_intent_id IS NOT NULL AND state = 'paid';

-- allocation: money counts towards another invoice
UPDATE allocation SET invoice_id = (SELECT id FROM invoice WHERE number = 'INV-9') WHERE amount_minor > 0 AND
    payment_id IN (SELECT id FROM payment WHERE tender = 'cash');

-- payment: money is counted that never came
INSERT INTO allocation (payment_id, invoice_id, amount_minor, currency, at) SELECT id, 1, 500, 'EUR',
    created_at FROM payment WHERE tender = 'cheque';

-- receipt: what stands on a receipt
UPDATE receipt SET facts = replace(facts, 'Casey', 'Cosey');

-- print: a receipt's paper
UPDATE receipt_document SET pdf = x'00';

-- receipt: a receipt's amount
UPDATE receipt SET amount_minor = amount_minor + 1 WHERE kind = 'payment';

-- print: a copy is taken out
DELETE FROM receipt_print WHERE copy = 1;

-- print: a copy is invented
INSERT INTO receipt_print SELECT receipt_id, 5, printed_at, staff_id, desk_id FROM receipt_print WHERE copy =
    0;

-- print: another person printed it
UPDATE receipt_print SET staff_id = 2;

-- refund: a refund is invented
INSERT INTO refund (id, payment_id, amount_minor, currency, reason, hospital_reason, note, way,
    rounding_minor, reference, reopens, origin, state, requested_by, desk_id, requested_at, decided_by,
    decided_at) SELECT 'ffffffffffffffffffffffffffffffff', payment_id, 100, currency, reason, '', '', 'card',
    0, '', 1, 'desk', 'approved', 1, 1, requested_at, 2, decided_at FROM refund WHERE way = 'card';

-- refund: a refund of more
UPDATE refund SET amount_minor = amount_minor + 1;

-- refund: a refund by another way
UPDATE refund SET way = 'bank_transfer', shift_id = NULL WHERE way = 'cash';

-- refund: another person asked for the refund
UPDATE refund SET requested_by = 3;

-- refund: another person approved the refund
UPDATE refund SET decided_by = 3;

-- refund: a refund failed
UPDATE refund SET state = 'failed' WHERE way = 'card';

-- shift: another float
UPDATE shift SET float_minor = float_minor - 1000;

-- shift: more was counted
UPDATE shift SET counted_minor = counted_minor + 10;

-- shift: other coins were counted
UPDATE shift_count SET pieces = pieces + 1;

-- shift: another reason for the difference
UPDATE shift SET difference_reason = 'other';

-- shift: what stands on the Z report
UPDATE shift SET facts = replace(facts, 'Safe', 'Bank');

-- cash: less went out of the drawer
UPDATE cash_movement SET amount_minor = amount_minor - 100 WHERE kind = 'out';

-- cash: what went into the drawer is gone
DELETE FROM cash_movement WHERE kind = 'in';

-- cash: for another reason
UPDATE cash_movement SET reason = 'x';

-- staff: a cashier becomes an administrator
UPDATE staff SET role = 'administrator' WHERE id = 1;

-- staff: a colleague's PIN
UPDATE staff_secret SET (salt, parameters, verifier, mark_key) = (SELECT salt, parameters, verifier, mark_key
    FROM staff_secret WHERE staff_id = 2) WHERE staff_id = 1;

-- staff: a badge of one's own
UPDATE staff SET badge_digest = 'ab' WHERE id = 1;

-- staff: who left comes back
UPDATE staff SET is_active = 1;

-- staff: a person that nobody added
INSERT INTO staff (id, sign_in_name, display_name, role, pin_set_at, must_change_pin, is_active)
    SELECT 99, 'x', 'X', 'administrator', pin_set_at, 0, 1 FROM staff WHERE id = 3;

-- limits: approve without limit
UPDATE approval_limit SET amount_minor_max = NULL;

-- limits: no limits any more
DELETE FROM approval_limit;

-- client: a client may more
UPDATE api_client SET scopes = scopes || ' payments:write';

-- client: a client's second key
INSERT INTO api_key SELECT 'abcdefghi', client_id, digest, created_at, NULL, NULL FROM api_key;

-- client: another secret for a key
UPDATE api_key SET digest = 'aa';

-- client: a client refunds more
UPDATE client_refund_limit SET amount_minor_max = 2000;

-- invoice: an invoice of less
UPDATE invoice SET total_minor = total_minor - 100, balance_minor = balance_minor - 100 WHERE number = 'INV-9';
UPDATE invoice_line SET total_minor = total_minor - 100 WHERE invoice_id = (SELECT id FROM invoice WHERE
    number = 'INV-9');

-- invoice: an invoice is cancelled
UPDATE invoice SET status = 'cancelled' WHERE number = 'INV-9';

-- invoice: an invoice is paid by nothing
UPDATE invoice SET paid_minor = 6000, balance_minor = 0, status = 'paid' WHERE number = 'INV-9';

-- invoice: somebody else's invoice
UPDATE invoice SET patient_id = 1 WHERE number = 'INV-9';

-- invoice: an invoice is gone
DELETE FROM invoice_line WHERE invoice_id IN (SELECT id FROM invoice WHERE number = 'INV-9');
DELETE FROM invoice WHERE number = 'INV-9';

-- chain: an entry tells of another person
UPDATE journal_entry SET staff_id = 2 WHERE number = 5;

-- chain: an entry is gone
DELETE FROM journal_entry WHERE number = 5;

-- payment: the journal's end is cut, and its records stay
DELETE FROM journal_entry WHERE number > 20;
UPDATE journal_head SET number = 20, hash = (SELECT hash FROM journal_entry WHERE number = 20);

-- refund: who approved may not
UPDATE journal_entry SET facts = replace(facts, '"role":"supervisor"', '"role":"cashier"')
    WHERE action = 'books attested';
