"""What a person's path to a resource has come to, and what is wrong with it: parts of `RESOURCES`.

Each is one column of JSON, null where the resource asks nothing.
"""

from booking.queries._price_sql import PRICES
from booking.queries._quota_sql import QUOTAS

# Required courses with what the person has of each, and the next session with a free seat. A
# qualification that was revoked counts no more; of several the last day of each kind counts, and
# whether that is enough on the day of the booking is for the rules to say.
COURSES = """
(SELECT jsonb_agg(jsonb_build_object(
        'public_id', c.public_id, 'title', c.title,
        'teaches', EXISTS (SELECT 1 FROM booking_course_instructors i
            WHERE i.course_id = c.id AND i.user_id = %(user)s),
        'passed_on', q.passed_on, 'expires_on', q.expires_on,
        'decay_days', c.decay_days, 'used_at', q.used_at,
        'session_id', n.public_id, 'session_start', n.start_time,
        'seat_session_id', o.public_id, 'seat_start', o.start_time) ORDER BY c.title)
    FROM booking_course c
    CROSS JOIN LATERAL (
        SELECT max(x.passed_on) AS passed_on, max(x.used_at) AS used_at,
            CASE WHEN bool_and(x.expires_on IS NOT NULL) THEN max(x.expires_on) END AS expires_on
        FROM booking_qualification x
        WHERE x.user_id = %(user)s AND x.course_id = c.id AND x.revoked_at IS NULL) q
    LEFT JOIN LATERAL (
        SELECT s.public_id, s.start_time FROM booking_trainingsession s
        WHERE c.is_active AND s.course_id = c.id AND s.cancelled_at IS NULL
            AND s.start_time > %(now)s
            AND s.seats > (SELECT count(*) FROM booking_trainingseat p
                WHERE p.session_id = s.id AND p.state = 'enrolled')
        ORDER BY s.start_time LIMIT 1) n ON true
    LEFT JOIN LATERAL (
        SELECT s.public_id, s.start_time FROM booking_trainingseat p
        JOIN booking_trainingsession s ON s.id = p.session_id
        WHERE p.user_id = %(user)s AND p.state IN ('enrolled', 'waiting')
            AND s.course_id = c.id AND s.cancelled_at IS NULL AND s.start_time > %(now)s
        ORDER BY p.state, s.start_time LIMIT 1) o ON true
    WHERE c.id IN (SELECT t.course_id FROM booking_trainingrequirement t
        WHERE t.resource_id = r.id OR t.resource_type_id = r.resource_type_id)) AS courses_json
"""

ASSESSMENT = """
(CASE WHEN r.requires_assessment THEN (
    SELECT jsonb_build_object('review_on', a.review_on) FROM booking_riskassessment a
    WHERE a.resource_id = r.id AND a.user_id = %(user)s AND a.state = 'approved'
    ORDER BY a.review_on DESC NULLS FIRST LIMIT 1) END) AS assessment_json
"""

# The blocking fault that lasts longest, as its rule counts; where none blocks, the latest. What
# blocks a linked resource blocks the whole; a lesser fault there is nobody's concern here.
FAULT = """
(SELECT jsonb_build_object(
        'public_id', f.public_id, 'title', f.title, 'back_at', f.back_at, 'blocks', f.blocks_use,
        'of_linked', CASE WHEN f.resource_id = r.id THEN '' ELSE l.name END)
    FROM booking_fault f JOIN booking_resource l ON l.id = f.resource_id
    WHERE f.state <> 'resolved' AND (f.resource_id = r.id OR (f.blocks_use
            AND f.resource_id IN (SELECT k.linked_id FROM booking_resourcelink k
                WHERE k.resource_id = r.id)))
    ORDER BY f.blocks_use DESC, COALESCE(f.back_at, %(now)s + interval '1 day') DESC, f.id DESC
    LIMIT 1) AS fault_json
"""

# The most specific policy of approval, like limits.
APPROVAL = """
(SELECT jsonb_build_object(
        'id', v.id, 'mode', v.mode, 'holds_slot', v.holds_slot, 'answer_hours', v.answer_hours,
        'over_minutes', v.over_minutes, 'outside_hours', v.outside_hours,
        'first_booking', v.first_booking,
        'tiers', (SELECT jsonb_agg(jsonb_build_object(
                'approver', t.approver, 'needed', t.needed, 'role', t.role,
                'person_id', t.person_id, 'over_minutes', t.over_minutes,
                'over_cost', t.over_cost, 'outside_hours', t.outside_hours,
                'for_roles', t.for_roles) ORDER BY t.position, t.id)
            FROM booking_approvaltier t WHERE t.policy_id = v.id),
        'earlier_ids', CASE WHEN v.first_booking THEN ARRAY(
            SELECT b.id FROM booking_booking b
            WHERE b.user_id = %(user)s AND b.resource_id = r.id
                AND b.status IN ('confirmed', 'checked_in', 'completed') LIMIT 2) END)
    FROM booking_approvalpolicy v
    WHERE (v.role = %(role)s OR v.role = '')
        AND (v.resource_id = r.id OR v.resource_id IS NULL)
        AND (v.resource_type_id = r.resource_type_id OR v.resource_type_id IS NULL)
    ORDER BY v.resource_id IS NULL, v.resource_type_id IS NULL, v.role = ''
    LIMIT 1) AS approval_json
"""

CARE = ", ".join((COURSES, ASSESSMENT, FAULT, APPROVAL, QUOTAS, PRICES))
