# Who may call the HTTP API. Nothing is allowed that no rule allows; who has no role may do nothing.
package runbooks.service

default allow := false

allow if {
	some role, people in data.members
	input.subject.id in people
	input.action.name in data.rights[role]
}

# What everybody with a role may do, but for programs that only watch.
allow if {
	some role, people in data.members
	role != "monitor"
	input.subject.id in people
	input.action.name in data.rights.everyone
}
