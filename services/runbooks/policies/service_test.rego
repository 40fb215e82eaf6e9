package service_test

asked(person, action) := {
	"subject": {"type": "user", "id": person},
	"action": {"name": action},
	"resource": {"type": "execution", "properties": {}},
	"context": {"now": "2026-03-01T12:00:00Z"},
}

test_an_operator_starts_and_cancels if {
	data.runbooks.service.allow with input as asked("analyst", "execution.start")
	data.runbooks.service.allow with input as asked("analyst", "execution.cancel")
}

test_an_operator_runs_again_and_others_do_not if {
	every action in ["execution.rerun", "execution.fork", "execution.rehearse"] {
		data.runbooks.service.allow with input as asked("analyst", action)
		not data.runbooks.service.allow with input as asked("ombuds-1", action)
		not data.runbooks.service.allow with input as asked("admin", action)
	}
}

test_an_operator_does_not_read_the_audit if {
	not data.runbooks.service.allow with input as asked("analyst", "audit.read")
}

test_an_auditor_verifies_and_reads_no_values if {
	data.runbooks.service.allow with input as asked("auditor-1", "manifest.read")
	data.runbooks.service.allow with input as asked("auditor-1", "audit.read")
	not data.runbooks.service.allow with input as asked("auditor-1", "value.read")
	not data.runbooks.service.allow with input as asked("auditor-1", "execution.start")
}

test_an_ombuds_speaks_and_starts_nothing if {
	data.runbooks.service.allow with input as asked("ombuds-1", "review.speak")
	not data.runbooks.service.allow with input as asked("ombuds-1", "execution.start")
}

test_an_approver_speaks if {
	data.runbooks.service.allow with input as asked("supervisor", "review.speak")
	data.runbooks.service.allow with input as asked("duty-officer", "review.speak")
}

test_an_admin_cancels_and_decides_nothing if {
	data.runbooks.service.allow with input as asked("admin", "execution.cancel")
	not data.runbooks.service.allow with input as asked("admin", "review.speak")
	not data.runbooks.service.allow with input as asked("admin", "value.read")
}

test_a_viewer_looks_and_does_nothing if {
	data.runbooks.service.allow with input as asked("vi", "value.read") with data.members as {"viewer": ["vi"]}
	not data.runbooks.service.allow with input as asked("vi", "execution.start") with data.members as {"viewer": ["vi"]}
}

test_a_stranger_does_nothing if {
	every action in data.rights.everyone {
		not data.runbooks.service.allow with input as asked("eve", action)
	}
}

test_everyone_is_no_role if {
	not data.runbooks.service.allow with input as asked("eve", "execution.read") with data.members as {"viewer": ["vi"]}
}

test_an_empty_question_is_denied if {
	data.runbooks.service.allow == false with input as {}
}

claiming(person, action, roles) := object.union(
	asked(person, action),
	{"subject": {"type": "user", "id": person, "properties": {"roles": roles}}},
)

test_a_claim_is_worth_what_the_installation_says if {
	claims := {"soc-analysts": ["operator"], "soc-leads": ["approver", "auditor"]}
	start := claiming("eve", "execution.start", ["soc-analysts"])
	audit := claiming("eve", "audit.read", ["other", "soc-leads"])
	data.runbooks.service.allow with input as start with data.claims as claims
	data.runbooks.service.allow with input as audit with data.claims as claims
	not data.runbooks.service.allow with input as claiming("eve", "execution.start", ["soc-leads"]) with data.claims as claims
	not data.runbooks.service.allow with input as claiming("eve", "execution.read", []) with data.claims as claims
}

test_a_claim_of_a_role_by_its_own_name_is_worth_nothing if {
	not data.runbooks.service.allow with input as claiming("eve", "execution.read", ["operator", "admin"])
}

test_a_claim_that_is_no_list_is_worth_nothing if {
	not data.runbooks.service.allow with input as claiming("eve", "execution.read", "operator")
}

test_a_member_is_told_their_roles_and_gets_no_right_by_it if {
	mine := object.union(asked("analyst", "role.have"), {"resource": {"type": "role", "properties": {"role": "operator"}}})
	data.runbooks.service.member with input as mine
	not data.runbooks.service.allow with input as mine
	data.runbooks.service.member == false with input as {}
}
