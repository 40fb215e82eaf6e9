# Who may read and write entities. Nothing is allowed that no rule allows.
package intelgraph

default allow := false

allow if {
	some role in data.subjects[input.subject.id]
	some grant in data.roles[role]
	grant.action == input.action.name
	grant.resource == input.resource.type
}
