package reviews_test

asked(person, decision, requester, groups) := {
	"subject": {"id": person},
	"action": {"name": decision},
	"resource": {"properties": {"requester": requester, "groups": groups}},
}

test_an_ombuds_approves if {
	data.runbooks.reviews.allow with input as asked("ombuds-1", "approved", "analyst", [])
}

test_an_ombuds_asks if {
	data.runbooks.reviews.allow with input as asked("ombuds-2", "info-requested", "analyst", [])
}

test_an_ombuds_does_not_break_the_glass if {
	not data.runbooks.reviews.allow with input as asked("ombuds-1", "break-glass", "analyst", [])
}

test_the_duty_officer_breaks_the_glass_and_does_nothing_else if {
	data.runbooks.reviews.allow with input as asked("duty-officer", "break-glass", "analyst", [])
	not data.runbooks.reviews.allow with input as asked("duty-officer", "approved", "analyst", [])
}

test_an_analyst_decides_nothing if {
	not data.runbooks.reviews.allow with input as asked("analyst", "approved", "auditor-1", [])
}

test_a_stranger_decides_nothing if {
	not data.runbooks.reviews.allow with input as asked("eve", "approved", "analyst", [])
}

test_a_group_is_asked_for if {
	data.runbooks.reviews.allow with input as asked("supervisor", "approved", "analyst", ["approver"])
	not data.runbooks.reviews.allow with input as asked("ombuds-1", "approved", "analyst", ["approver"])
}

test_one_person_under_two_accounts_is_one_person if {
	data.persons["agent-456"] == data.persons.analyst
	not data.runbooks.reviews.allow with input as asked("ombuds-1", "approved", "ombuds-1", [])
}
