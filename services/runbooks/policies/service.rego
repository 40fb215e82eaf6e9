# Who may call the HTTP API. Nothing is allowed that no rule allows; who has no role may do nothing.
package runbooks.service

default allow := false

default member := false

# A role is had by who is named here. An identity provider's word for a group is worth the roles that `claims` says.
roles contains role if {
	some role, people in data.members
	input.subject.id in people
}

roles contains role if {
	some claimed in input.subject.properties.roles
	some role in data.claims[claimed]
}

allow if {
	some role in roles
	input.action.name in data.rights[role]
}

# What everybody with a role may do, but for programs that only watch.
allow if {
	some role in roles
	role != "monitor"
	input.action.name in data.rights.everyone
}

# Whether somebody has a role: what people are told of themselves, and no right.
member if input.resource.properties.role in roles
