package runbooks.reviews_test

import data.runbooks.reviews

subjects := {"ben": ["ombuds"], "dora": ["emergency"], "sub": ["approver"], "twin": ["ombuds"]}

asked(person, decision, requester, groups) := {
	"subject": {"type": "person", "id": person},
	"action": {"name": decision},
	"resource": {"type": "review", "properties": {"requester": requester, "groups": groups}},
}

test_an_ombuds_approves_rejects_and_asks if {
	some decision in ["approved", "rejected", "info-requested"]
	reviews.allow with input as asked("ben", decision, "ann", []) with data.subjects as subjects
}

test_only_an_emergency_role_breaks_the_glass if {
	reviews.allow with input as asked("dora", "break-glass", "ann", []) with data.subjects as subjects
	not reviews.allow with input as asked("ben", "break-glass", "ann", []) with data.subjects as subjects
}

test_a_stranger_decides_nothing if {
	not reviews.allow with input as asked("eve", "approved", "ann", []) with data.subjects as subjects
}

test_one_person_under_two_accounts_is_one_person if {
	not reviews.allow with input as asked("twin", "approved", "ann", [])
		with data.subjects as subjects
		with data.persons as {"twin": "t", "ann": "t"}
}

test_a_group_is_asked_for if {
	reviews.allow with input as asked("sub", "approved", "ann", ["approver"]) with data.subjects as subjects
	not reviews.allow with input as asked("ben", "approved", "ann", ["approver"]) with data.subjects as subjects
}
